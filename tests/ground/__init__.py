"""The ground under the tests: a throw-away Postgres, a real Valkey, a real Celery worker."""
