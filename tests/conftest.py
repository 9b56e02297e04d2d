"""What every test stands on."""

from hypothesis import HealthCheck, settings

# A loaded machine makes examples slowly; that is no fault of what is tested.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")
