"""Is it alive, is it ready: for a load balancer. No details for strangers (ASVS 13.4.5)."""

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

WORKER_SILENT_AFTER_SECONDS = 60


@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """200 while this process answers."""
    return HttpResponse("alive\n", content_type="text/plain")


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """200 when the database answers, every migration is applied and a worker has a heartbeat; else 503."""
    parts = {"database": False, "migrations": False, "worker": False}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        parts["database"] = True
        executor = MigrationExecutor(connection)
        parts["migrations"] = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT 1 FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => %s))",
                [WORKER_SILENT_AFTER_SECONDS],
            )
            parts["worker"] = bool(cursor.fetchone()[0])
    except DatabaseError:
        pass
    ok = all(parts.values())
    return JsonResponse({"ready": ok, **parts}, status=200 if ok else 503)
