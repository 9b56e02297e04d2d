from django.contrib import admin

from customers.doors.tables import ReadOnlyAdmin
from privacy.promises.models import Measurement


@admin.register(Measurement)
class MeasurementAdmin(ReadOnlyAdmin):
    list_display = ["promise", "standing", "figure", "at"]
    list_filter = ["standing"]
