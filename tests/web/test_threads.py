"""What is slow keeps nobody waiting but who asked for it."""

import asyncio
import socket
import threading

import anyio

from studio.web import provider
from studio.web.threads import GUARD, KNOWN, PASSWORDS, PROVIDER, WRITES, beside

SLOW = [PASSWORDS, PROVIDER, WRITES]


def test_pictures_passwords_and_a_provider_that_hang_leave_the_guard_free():
    async def run():
        held = threading.Event()
        busy = [asyncio.create_task(asyncio.to_thread(held.wait)) for _ in range(80)]
        busy += [asyncio.create_task(beside(pool, held.wait)) for pool in SLOW * 9]
        async with anyio.create_task_group() as others:
            for _ in range(50):  # Starlette's own files go this way
                others.start_soon(lambda: anyio.to_thread.run_sync(held.wait))
            await asyncio.sleep(0.1)
            try:
                assert await asyncio.wait_for(beside(GUARD, lambda: "in"), 60) == "in"
                assert await asyncio.wait_for(beside(KNOWN, lambda: "in"), 60) == "in"
                assert PASSWORDS.statistics().tasks_waiting > 0
            finally:
                held.set()
        await asyncio.gather(*busy)

    asyncio.run(run())


def test_a_provider_that_hangs_is_asked_once_and_not_for_long(monkeypatch):
    monkeypatch.setattr(provider, "PATIENCE_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/x"

        async def run():
            return await asyncio.gather(*[provider.answers(address) for _ in range(20)])

        assert asyncio.run(run()) == [False] * 20
        server.settimeout(5)
        server.accept()[0].close()
        server.settimeout(0.2)
        try:
            server.accept()
        except TimeoutError:
            return
        raise AssertionError("it was asked twice")


def test_a_provider_that_drips_is_given_up_too(monkeypatch):
    monkeypatch.setattr(provider, "PATIENCE_S", 0.3)
    over = threading.Event()

    def drip(server):
        line, _ = server.accept()
        with line:
            line.sendall(b"HTTP/1.1 200 OK\r\n")
            while not over.wait(0.05):
                try:
                    line.sendall(b"X: y\r\n")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=drip, args=(server,))
        thread.start()
        address = f"http://127.0.0.1:{server.getsockname()[1]}/x"

        async def run():
            answered = await asyncio.wait_for(provider.answers(address), 60)
            over.set()
            return answered

        assert asyncio.run(run()) is False
        thread.join()
