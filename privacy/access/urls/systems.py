"""Addresses of systems, changes in them, drift, tasks by hand."""

from django.urls import URLPattern, path

from privacy.access.views import changes, progress, systems

urlpatterns: list[URLPattern] = [
    path("systems/", systems.systems, name="systems"),
    path("systems/connect/", systems.connect, name="connect"),
    path("systems/<int:pk>/", systems.system, name="system"),
    path("systems/<int:pk>/change/", systems.change_system, name="change_system"),
    path("systems/<int:pk>/gives/", systems.add_entitlement, name="add_entitlement"),
    path("systems/<int:pk>/accounts/", systems.link, name="link_account"),
    path("systems/<int:pk>/compare/", systems.compare, name="compare"),
    path("entitlements/<int:pk>/change/", systems.change_entitlement, name="change_entitlement"),
    path("accounts/<int:pk>/unlink/", systems.unlink, name="unlink_account"),
    path("drift/<int:pk>/mend/", systems.mend, name="mend_drift"),
    path("drift/<int:pk>/accept/", systems.accept, name="accept_drift"),
    path("removals/", changes.removals, name="removals"),
    path("changes/<int:pk>/", changes.change, name="change"),
    path("changes/<int:pk>/again/", changes.try_again, name="try_again"),
    path("changes/<int:pk>/done/", changes.do_task, name="do_task"),
    path("changes/<int:pk>/verified/", changes.verify_task, name="verify_task"),
    path("changes/<int:pk>/back/", changes.send_back_task, name="send_back_task"),
    path("changes/<int:pk>/evidence/", changes.evidence, name="evidence_file"),
    path("tasks/", changes.tasks, name="tasks"),
    path("grants/<int:pk>/progress/", progress.progress_of_grant, name="progress_of_grant"),
    path("people/<int:pk>/progress/", progress.progress_of_person, name="progress_of_person"),
]
