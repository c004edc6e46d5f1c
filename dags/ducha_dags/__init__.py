"""What the DAG files share. Airflow does not look for DAGs here (see ../.airflowignore)."""
