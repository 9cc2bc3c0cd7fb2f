# What CPython's pickle takes for a value: pickle_peer.py HEX COUNT prints the nanoseconds of dumps and of loads.
import pickle
import sys
import time

stored = bytes.fromhex(sys.argv[1])
count = int(sys.argv[2])
value = pickle.loads(stored)
assert pickle.dumps(value, 4) == stored, "CPython writes other bytes"
dumps, loads = pickle.dumps, pickle.loads

begin = time.perf_counter_ns()
for _ in range(count):
    dumps(value, 4)
middle = time.perf_counter_ns()
for _ in range(count):
    loads(stored)
end = time.perf_counter_ns()
print((middle - begin) / count, (end - middle) / count)
