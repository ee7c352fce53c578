"""What a webhook says of a job that has ended, the same at every try."""

from __future__ import annotations

import json

from studio.jobs.table import Job

RESULT_BYTES = 16_000  # the standard asks for less than 20 kB in all


def body(job: Job, address: str) -> bytes:
    """JSON with type, timestamp and data, as the standard has it. `address` is the studio's, ""
    where nobody said; a result that is too long for a message is left out, and asked for there."""
    result = job.result
    long = len(json.dumps(result, default=str)) > RESULT_BYTES
    told = {
        "type": f"job.{job.state}",
        "timestamp": job.ended_at,
        "data": {
            "id": job.id,
            "kind": job.kind,
            "state": job.state,
            "asked_by": job.asked_by,
            "asked_at": job.asked_at,
            "started_at": job.started_at,
            "ended_at": job.ended_at,
            "request_id": job.request_id,
            "error": job.error,
            "remedy": job.remedy,
            "result": None if long else result,
            "result_left_out": long,
            "address": f"{address}/api/v1/jobs/{job.id}" if address else None,
        },
    }
    return json.dumps(told, default=str).encode()
