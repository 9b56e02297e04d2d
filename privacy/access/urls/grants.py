"""Addresses of access: what one has, asks for, decides, revokes, reveals."""

from django.urls import path

from privacy.access.views import entitlements, grants, people, reading, sessions

urlpatterns = [
    path("", grants.mine, name="mine"),
    path("ask/", grants.ask, name="ask"),
    path("grants/", grants.grants, name="grants"),
    path("grants/<int:pk>/", grants.grant, name="grant"),
    path("grants/<int:pk>/approve/", grants.approve, name="approve"),
    path("grants/<int:pk>/deny/", grants.deny, name="deny"),
    path("grants/<int:pk>/withdraw/", grants.withdraw, name="withdraw"),
    path("grants/<int:pk>/revoke/", grants.revoke, name="revoke"),
    path("grants/<int:pk>/suspend/", grants.suspend, name="suspend"),
    path("grants/<int:pk>/resume/", grants.resume, name="resume"),
    path("people/", people.people, name="people"),
    path("people/new/", people.add_person, name="add_person"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/left/", people.left, name="left"),
    path("people/<int:pk>/stays/", people.stays, name="stays"),
    path("people/<int:pk>/moved/", people.moved, name="moved"),
    path("people/<int:pk>/back/", people.back, name="back"),
    path("people/<int:pk>/revoke/", people.revoke_all, name="revoke_all"),
    path("people/<int:pk>/sessions/end/", sessions.end_sessions_of, name="end_sessions_of"),
    path("sessions/", sessions.sessions, name="sessions"),
    path("sessions/end/", sessions.end_past_a_limit, name="end_past_a_limit"),
    path("entitlements/", entitlements.entitlements, name="entitlements"),
    path("entitlements/<int:pk>/", entitlements.entitlement, name="entitlement"),
    path("entitlements/<int:pk>/owner/", entitlements.own, name="own"),
    path("entitlements/<int:pk>/functions/", entitlements.justify, name="justify"),
    path("denied/", entitlements.denied, name="denied"),
    path("reveal/", reading.reveal, name="reveal"),
    path("export/customers.csv", reading.export_customers, name="export_customers"),
]
