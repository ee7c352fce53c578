# The studio as an image: pages and MLflow in one container, everything it keeps under /data.
FROM python:3.11-slim-bookworm
RUN apt-get update && apt-get install -y --no-install-recommends make git && rm -rf /var/lib/apt/lists/*
WORKDIR /studio
COPY requirements.txt requirements.lock ./
RUN pip install --no-cache-dir -r requirements.txt -c requirements.lock
COPY . .
RUN useradd --create-home studio && mkdir -p /data mlruns && chown -R studio /data mlruns
USER studio
ENV STUDIO_HOME=/data STUDIO_HOST=0.0.0.0 OMP_WAIT_POLICY=PASSIVE \
    GOMP_SPINCOUNT=10000
VOLUME /data
EXPOSE 8501 5000
CMD ["python", "-m", "studio", "serve"]
