"""kill -9 at 50 random moments between a wish and its model: at most one post for each, and nothing
is lost that the provider has."""

import random

import pytest

from studio.charges.calling import Unconfirmed
from studio.charges.charge import of_key
from studio.props.providers import calls
from tests.props.providers import killing
from tests.props.providers.asking_studio import SECOND, job_of, looked, picture, posted

KILLS = 50


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_killed_at_any_moment_it_is_posted_at_most_once(studio, service):
    service.delay_s = 0.02
    whole_job = job_of(studio, "replicate")
    start = picture(studio)
    at = (studio.home, service.url)
    whole = killing.work(*at, whole_job.id, start, None)
    assert calls.of_job(studio.engine, whole_job.id).state == "done"
    moments, unsure = random.Random(20), 0
    for number in range(KILLS):
        job = job_of(studio, "replicate", number)
        posts = len(service.posts)
        killing.work(*at, job.id, start, moments.uniform(0, whole))
        for _ in range(2):  # the job's other attempts
            try:
                call = posted(studio, job, "replicate", start)
            except Unconfirmed:
                call = calls.of_job(studio.engine, job.id)
        call = looked(studio, call)
        assert len(service.posts) - posts <= 1
        with studio.engine.connect() as connection:
            paid = of_key(connection, call.charge_key)
        taken = service.of_token(paid.token)
        assert len(taken) == len(service.posts) - posts
        if taken:
            owed = -(-taken[0].milliseconds * SECOND // 1_000)
            assert (call.state, call.reference) == ("done", taken[0].id)
            assert (paid.state, paid.actual) == ("done", owed)
        else:  # between being noted as sent and being posted nobody can tell
            unsure += 1
            assert (call.state, paid.state) == ("unsure", "unconfirmed")
    assert unsure < KILLS / 2
