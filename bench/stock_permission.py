"""The other side of `bench.permission`: a plain Django with its own User and ModelBackend, in a schema of its own.

Runs as a process of its own, because a process has one user model. Reads a line, answers one request, writes milliseconds.
"""

import json
import sys
import time


def main() -> None:
    told = json.loads(sys.stdin.readline())
    import django
    from django.conf import settings

    settings.configure(
        DATABASES={"default": told["database"]},
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        SECRET_KEY="bench",
    )
    django.setup()
    from django.contrib.auth.backends import ModelBackend
    from django.contrib.auth.models import Group, Permission, User
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    users = User.objects.bulk_create([User(username=f"u{n}", password="!") for n in range(told["people"])])
    permissions = list(Permission.objects.order_by("pk")[:8])
    group = Group.objects.create(name="service")
    group.permissions.set(permissions[:4])
    User.groups.through.objects.bulk_create([User.groups.through(user=user, group=group) for user in users])
    User.user_permissions.through.objects.bulk_create(
        [User.user_permissions.through(user=user, permission=permission) for user in users for permission in permissions[4:]]
    )
    keys = [user.pk for user in users]
    backend = ModelBackend()
    print("ready", flush=True)
    for line in sys.stdin:
        begun = time.perf_counter()
        user = User.objects.get(pk=keys[int(line) % len(keys)])
        for permission in ("auth.add_user", "auth.view_user", "auth.change_group", "auth.nobody_has_this"):
            backend.has_perm(user, permission)
        print((time.perf_counter() - begun) * 1000, flush=True)


if __name__ == "__main__":
    main()
