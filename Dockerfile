# One image for every service; the command says which.
FROM python:3.11-slim AS build
WORKDIR /src
RUN python -m venv /venv
COPY requirements.txt .
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --requirement requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY events events
COPY projections projections
COPY services services
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation .

FROM python:3.11-slim
RUN useradd --system --uid 10001 --create-home --home-dir /data manyhands
# A new volume belongs to whom the folder belongs that it is mounted on first.
RUN for each in gateway intake timekeeper referral measurement notifications disclosure; do \
        install --directory --owner manyhands --mode 0700 "/logins/$each"; done && \
    install --directory --owner manyhands --mode 0700 /mail
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 MANYHANDS_HOME=/data
USER manyhands
WORKDIR /data
ENTRYPOINT ["manyhands"]
