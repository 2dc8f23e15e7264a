import collections
import datetime

print(collections.Counter("banana").most_common(1), datetime.date(2000, 1, 1).isoformat())
