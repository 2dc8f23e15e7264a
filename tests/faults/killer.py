# SPDX-License-Identifier: MIT
"""killer.py BRUN STORE PIDS SECONDS: each second kills one process that runs the program in the store, out of those
whose ids stand in files of the folder PIDS; prints how many. A second in which none could be found is made up for."""
import os
import random
import signal
import sys
import time


def is_ours(process, brun, store):
    try:
        if not os.path.samefile("/proc/%d/exe" % process, brun):
            return False
        with open("/proc/%d/environ" % process, "rb") as file:
            return b"BRUN_STORE=" + store.encode() in file.read().split(b"\0")
    except OSError:
        return False


def kill_one(brun, store, pids):
    """The number may be another process's by now: a descriptor of it is taken before it is looked at."""
    names = os.listdir(pids)
    random.shuffle(names)
    for name in names:
        try:
            with open(os.path.join(pids, name)) as file:
                process = int(file.read() or 0)
            descriptor = os.pidfd_open(process)
        except (OSError, ValueError):
            continue
        try:
            if is_ours(process, brun, store):
                signal.pidfd_send_signal(descriptor, signal.SIGKILL)
                return True
        except OSError:
            pass
        finally:
            os.close(descriptor)
    return False


def main():
    brun, store, pids, seconds = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
    start = time.monotonic()
    killed = 0
    while killed < seconds and time.monotonic() < start + seconds + 5:
        time.sleep(max(0.002, start + killed + 0.5 - time.monotonic()))
        killed += kill_one(brun, store, pids)
    print(killed)


main()
