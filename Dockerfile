# The studio as an image: pages and MLflow in one container, everything it keeps under /data.
# The digest is that of the index for all platforms: docker buildx imagetools inspect python:3.11-slim-bookworm
FROM python:3.11-slim-bookworm@sha256:a36c24f9cbdf4fd0f52d67f0823eeac19c2028c637cecc392d97f980d4fec56b
# cuda, or cpu where the index that pip is set to has torch's CPU build.
ARG TORCH=cuda
RUN apt-get update && apt-get install -y --no-install-recommends make git && rm -rf /var/lib/apt/lists/*
WORKDIR /studio
COPY requirements.lock ./
COPY supply/torch-cuda.lock supply/torch-cpu.lock supply/
RUN pip install --no-cache-dir --no-deps --require-hashes --only-binary :all: \
    -r requirements.lock -r supply/torch-${TORCH}.lock
COPY . .
RUN python -m supply.sbom supply/torch-${TORCH}.lock > sbom.cdx.json
RUN useradd --create-home studio && mkdir -p /data mlruns && chown -R studio /data mlruns
USER studio
ENV STUDIO_HOME=/data STUDIO_HOST=0.0.0.0 OMP_WAIT_POLICY=PASSIVE \
    GOMP_SPINCOUNT=10000
VOLUME /data
EXPOSE 8501 5000
CMD ["python", "-m", "studio", "serve"]
