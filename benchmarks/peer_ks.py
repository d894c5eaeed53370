"""What a user does today: pandas reads both files, scipy compares each column. peer_ks.py REFERENCE.csv CURRENT.csv"""
import json
import sys

import pandas
from scipy.stats import ks_2samp

reference, current = (pandas.read_csv(path) for path in sys.argv[1:3])
print(json.dumps({name: ks_2samp(reference[name], current[name]).statistic for name in reference.columns}))
