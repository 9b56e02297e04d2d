"""Settings of the whole house. Everything that an installation may change comes from the environment or `.env`."""

from datetime import timedelta
from email.utils import parseaddr
from urllib.parse import urlsplit

import pgtrigger
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from lumens_admin.database import APPLICATION_ROLE, BASE_DIR, VAR_DIR, database_url
from lumens_admin.environment import (
    anchor_place,
    database_address,
    email_settings,
    env,
    flag,
    last_port,
    number,
    one_of,
    web_address,
)
from lumens_admin.logs import without_traceback_of_refusals
from lumens_admin.secrets_file import ensure_secrets, field_keys, index_key, signing_key

EMBEDDED = not env("DATABASE_URL", default="")

if EMBEDDED:
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    _made_once = ensure_secrets(VAR_DIR)
else:
    _made_once = {}


def _secret(name: str) -> str:
    return env(name, default="") or _made_once.get(name, "")


SECRET_KEY = _secret("SECRET_KEY")
if not SECRET_KEY:
    raise ImproperlyConfigured("SECRET_KEY is missing: set it in the environment or in .env (see .env.example)")
# Where one of these is not named, it follows from SECRET_KEY: never missing, and never another one by chance.
KEYS_FROM_SECRET_KEY = [name for name in ("FIELD_KEYS", "INDEX_KEY", "EVIDENCE_KEY") if not _secret(name)]
INDEX_KEY = index_key(_secret("INDEX_KEY"), SECRET_KEY)
try:
    FIELD_KEYS = field_keys(_secret("FIELD_KEYS"), SECRET_KEY)
    EVIDENCE_KEY = signing_key(_secret("EVIDENCE_KEY"), SECRET_KEY)  # 32 bytes
except ValueError as error:
    raise ImproperlyConfigured(f"{error} (see .env.example)") from error

# The demonstration company's passwords are public: into a database elsewhere it goes only if asked for.
_DATABASE_IS_HERE = EMBEDDED or env.db_url_config(env("DATABASE_URL"))["HOST"] in ("", "localhost", "127.0.0.1", "::1")
LOAD_DEMO = flag("LOAD_DEMO", default=_DATABASE_IS_HERE)

DEBUG = flag("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
PUBLIC_URL = web_address("PUBLIC_URL") or (f"http://127.0.0.1:{env('PORT', default='') or last_port()}")
BEHIND_PROXY = flag("BEHIND_PROXY", default=False)
_SAID = env("SERVED_OVER_TLS", default="")
SERVED_OVER_TLS = flag("SERVED_OVER_TLS", default=PUBLIC_URL.startswith("https://"))
if not SERVED_OVER_TLS and not _SAID and set(ALLOWED_HOSTS) - {"127.0.0.1", "localhost", "[::1]"}:
    # Beyond this machine, sign-in without TLS would send passwords and cookies in clear: somebody has to say that it is meant.
    raise ImproperlyConfigured(
        "ALLOWED_HOSTS names another machine, but PUBLIC_URL does not begin with https://; set PUBLIC_URL (see .env.example)"
    )

INSTALLED_APPS = [
    "lumens_admin.apps.LumensAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "axes",
    "csp",
    "django_htmx",
    "pghistory",
    "pgtrigger",
    "procrastinate.contrib.django",
    "customers",
    "privacy",
]

MIDDLEWARE = [
    "lumens_admin.middleware.NoStoreMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "lumens_admin.middleware.KnownMethodsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "privacy.access.middleware.SessionLimitsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "lumens_admin.middleware.ReadableAddressMiddleware",
    "lumens_admin.middleware.ButtonsAreNotPagesMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "privacy.access.middleware.SignInIsAPageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "privacy.access.middleware.DeniedAttemptsMiddleware",
    "privacy.access.middleware.RefusedFactorsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "lumens_admin.urls"
WSGI_APPLICATION = "lumens_admin.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# --- database -----------------------------------------------------------------------------------

DATABASES = {"default": env.db_url_config(database_url(database_address("DATABASE_URL"), database_address("DATABASE_OWNER_URL")))}
DATABASES["default"].setdefault("OPTIONS", {})
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["OPTIONS"]["options"] = " ".join(
    [
        DATABASES["default"]["OPTIONS"].get("options", ""),
        f"-c lock_timeout={number('LOCK_TIMEOUT_MS', default=10_000, lowest=1, highest=3_600_000)}",
        # What a killed process had begun ends with it, however long it would take, and holds no lock any more.
        "-c client_connection_check_interval=2s",
        "-c idle_in_transaction_session_timeout=600000",
        # Our statements take milliseconds, or are made of many that do: compiling them takes longer than they do.
        "-c jit=off",
    ]
).strip()
if flag("DATABASE_POOL", default=False):
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 2, "max_size": 16, "timeout": 10}
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
DATABASE_APPLICATION_ROLE = APPLICATION_ROLE if EMBEDDED else env.db_url_config(env("DATABASE_URL"))["USER"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- who changed what: written by the database itself (HOUSE.md, "The ledger") -------------------

PGHISTORY_LEVEL = pgtrigger.Statement  # type: ignore[has-type]
PGHISTORY_APPEND_ONLY = True
PGHISTORY_BASE_MODEL = "customers.history.LedgerEvent"
PGHISTORY_CREATED_AT_FUNCTION = "clock_timestamp()"

# Shared by every process: limits on tries must not depend on which worker answers.
CACHES = {"default": {"BACKEND": "lumens_admin.cache.NothingLiveIsCulled", "LOCATION": "shared_cache"}}
CSRF_FAILURE_VIEW = "lumens_admin.errors.csrf_failure"

# --- people and sign-in (statement E.1) ------------------------------------------------------------

AUTH_USER_MODEL = "privacy.Employee"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "privacy.access.backends.GrantBackend",
    "privacy.access.backends.PasswordBackend",
]
PASSWORD_MIN_LENGTH = max(6, number("PASSWORD_MIN_LENGTH", default=12, lowest=0, highest=64))
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("login", "name", "email")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": PASSWORD_MIN_LENGTH}},
    {"NAME": "privacy.workforce.policies.NotCommonValidator"},
    {"NAME": "privacy.workforce.policies.NonAlphabeticCharacterValidator"},
    {"NAME": "privacy.workforce.policies.MaximumLengthValidator"},
]
SESSION_IDLE_MINUTES = number("SESSION_IDLE_MINUTES", default=15, lowest=1, highest=1_440)
SESSION_ABSOLUTE_HOURS = number("SESSION_ABSOLUTE_HOURS", default=8, lowest=1, highest=168)
SESSION_COOKIE_AGE = int(timedelta(hours=SESSION_ABSOLUTE_HOURS).total_seconds())
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SERVED_OVER_TLS
SESSION_COOKIE_NAME = "__Host-session" if SERVED_OVER_TLS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if SERVED_OVER_TLS else "csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/accounts/login/"

ACCOUNT_ADAPTER = "privacy.access.adapters.EmployeeAccountAdapter"
SOCIALACCOUNT_ADAPTER = "privacy.access.adapters.EmployeeSocialAccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "login"
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
# Lock-out by passwords and its record are django-axes', in the database. Second factors: one person's tries from one address, so
# that whoever knows a password keeps nobody else out, and one person's tries from all addresses together (`login_failed`).
ACCOUNT_RATE_LIMITS = {"login": None, "second_factor_here": "5/300s/key", "login_failed": "30/900s/key"}
PASSWORD_RESET_TIMEOUT = 3600  # seconds; the mail says an hour
ACCOUNT_CHANGE_EMAIL = False
ACCOUNT_FORMS = {
    "reset_password": "privacy.access.forms.signin.ForgottenForm",
    "change_password": "privacy.access.forms.signin.NewPasswordForm",
    "reset_password_from_key": "privacy.access.forms.signin.ChosenPasswordForm",
    "reauthenticate": "privacy.access.forms.signin.PasswordAgainForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Lumens Admin"
MFA_ADAPTER = "privacy.access.adapters.EmployeeMFAAdapter"
MFA_FORMS = {
    "add_webauthn": "privacy.access.forms.keys.AddKeyForm",
    "authenticate": "privacy.access.forms.signin.CodeForm",
    "reauthenticate": "privacy.access.forms.signin.CodeAgainForm",
    "activate_totp": "privacy.access.forms.signin.FirstCodeForm",
    "authenticate_webauthn": "privacy.access.forms.keys.AuthenticateKeyForm",
    "login_webauthn": "privacy.access.forms.keys.LoginKeyForm",
    "reauthenticate_webauthn": "privacy.access.forms.keys.ReauthenticateKeyForm",
}
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SERVED_OVER_TLS
USERSESSIONS_TRACK_ACTIVITY = False
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_ONLY = False
OIDC_ISSUER = web_address("OIDC_ISSUER")
OIDC_ORIGIN = "{0.scheme}://{0.netloc}".format(urlsplit(OIDC_ISSUER))
SOCIALACCOUNT_PROVIDERS = (
    {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": "company",
                    "name": env("OIDC_NAME", default="Company sign-in"),
                    "client_id": env("OIDC_CLIENT_ID", default=""),
                    "secret": env("OIDC_CLIENT_SECRET", default=""),
                    "settings": {"server_url": OIDC_ISSUER},
                }
            ],
        }
    }
    if OIDC_ISSUER
    else {}
)

AXES_FAILURE_LIMIT = number("LOCKOUT_TRIES", default=10, lowest=1, highest=100)
AXES_COOLOFF_TIME = timedelta(minutes=number("LOCKOUT_MINUTES", default=15, lowest=1, highest=1_440))
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "username"
AXES_USERNAME_CALLABLE = "privacy.access.signals.login_tried"
AXES_LOCKOUT_CALLABLE = "lumens_admin.errors.locked_out"
AXES_ENABLE_ACCESS_FAILURE_LOG = True
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_ENABLE_ADMIN = False
AXES_SENSITIVE_PARAMETERS = ["login", "username"]  # people type their password there; `login_tried` says what is kept
AXES_CLIENT_IP_CALLABLE = "customers.doors.addresses.client_address"

# --- what a page may do (SCREENS.md, "Policy of the pages") -----------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        # A browser follows the company's sign-in only if the form that begins it may lead there.
        "form-action": [SELF, *([OIDC_ORIGIN] if OIDC_ISSUER else [])],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000

# --- everything else --------------------------------------------------------------------------------

LANGUAGE_CODE = "en-us"
TIME_ZONE = "America/New_York"
USE_TZ = True
USE_I18N = True
FORMAT_MODULE_PATH = ["lumens_admin.formats"]
LOCALE_PATHS = [BASE_DIR / "lumens_admin" / "locale"]  # what packages say to people, in our words
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "lumens_admin" / "static"]
STORAGES = {
    "staticfiles": {"BACKEND": "lumens_admin.staticstorage.HashedStaticFiles"},
}
OUTBOX_DIR = VAR_DIR / "outbox"
EMAIL_CONFIG = email_settings(f"filemail:///{OUTBOX_DIR}")
vars().update(EMAIL_CONFIG)
if EMAIL_CONFIG["EMAIL_BACKEND"].endswith("filebased.EmailBackend"):
    EMAIL_FILE_PATH = str(OUTBOX_DIR)
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env("FROM_EMAIL", default="Lumens customer service <customerservice@lumens.com>")
OWN_DOMAIN = parseaddr(DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"  # of the addresses that we write from
MAILBOX_URL = env("MAILBOX_URL", default="")
# Where backups go, for whatever makes them: nothing of ours does yet, and the promises about backups say so.
BACKUP_TO = env("BACKUP_TO", default="")
LEDGER_ANCHOR = anchor_place(str(VAR_DIR / "ledger-anchor.jsonl"))
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
PROCRASTINATE_IMPORT_PATHS = ["privacy.jobs"]
# Logins are unique whatever their case (a functional constraint, which this check cannot see).
SILENCED_SYSTEM_CHECKS = ["axes.W003", "auth.W004"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "lumens_admin.logs.OneLineFormatter", "format": "{asctime} {levelname} {name} {message}", "style": "{"}
    },
    "filters": {"refusals": {"()": lambda: without_traceback_of_refusals}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["refusals"]}},
    "root": {"handlers": ["console"], "level": one_of("LOG_LEVEL", "WARNING", "DEBUG", "INFO", "ERROR", "CRITICAL")},
    "loggers": {"procrastinate": {"level": "WARNING"}, "axes": {"level": "WARNING"}},
}
if not DEBUG:
    # Tracebacks go to the log; nothing of a request is mailed, and no local variables are shown (ASVS 16.5.1).
    DEFAULT_EXCEPTION_REPORTER_FILTER = "django.views.debug.SafeExceptionReporterFilter"
