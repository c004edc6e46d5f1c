# Ducha with Airflow in one image; docker-compose.yml starts it once a service.
ARG PYTHON_BASE_IMAGE=python:3.12-slim-bookworm

FROM ${PYTHON_BASE_IMAGE} AS packages
ARG PIP_OPTIONS=""
COPY requirements.lock /tmp/requirements.lock
# PIP_OPTIONS stays unquoted: it is a list of options, such as a mirror of the package index.
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --require-hashes ${PIP_OPTIONS} -r /tmp/requirements.lock

FROM ${PYTHON_BASE_IMAGE}
RUN useradd --uid 50000 --create-home --shell /usr/sbin/nologin ducha \
    && install -d -o ducha -g ducha /opt/airflow /opt/airflow/logs /var/lib/ducha \
        /var/lib/ducha/landing /var/lib/ducha/returned /var/lib/ducha/bulletins /var/lib/ducha/inbox
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    AIRFLOW_HOME=/opt/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/ducha/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/ducha/plugins \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    AIRFLOW__DATABASE__LOAD_DEFAULT_CONNECTIONS=False \
    AIRFLOW__USAGE_DATA_COLLECTION__ENABLED=False \
    DUCHA_HOME=/var/lib/ducha
COPY --from=packages /opt/venv /opt/venv
WORKDIR /opt/ducha
COPY pyproject.toml requirements.in README.md LICENSE ./
COPY include include
COPY expectations expectations
COPY plugins plugins
COPY dags dags
# Editable: the library then finds expectations/ beside it, as in a checkout. Everything it needs is locked above.
RUN pip install --no-cache-dir --no-deps --no-build-isolation --editable .
USER ducha
# The services of docker-compose.yml say how they are healthy; alone, the image shows that the library imports.
HEALTHCHECK --interval=60s --timeout=30s CMD ["python", "-c", "import ducha"]
CMD ["airflow", "version"]
