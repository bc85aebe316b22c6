"""Makes HTTP requests inside a lab: JSON lines in, JSON lines out.

in  {"method", "url", "headers": {}, "body"?}     out {"status", "headers": {}, "text"}
"""

import json
import sys
import urllib.error
import urllib.request


def answer(request):
    body = request.get("body")
    made = urllib.request.Request(request["url"], method=request["method"],
                                  headers=request["headers"],
                                  data=None if body is None else json.dumps(body).encode())
    try:
        with urllib.request.urlopen(made, timeout=20) as response:
            return _told(response)
    except urllib.error.HTTPError as error:
        return _told(error)
    except OSError as error:
        return {"status": 0, "headers": {}, "text": str(error)}


def _told(response):
    headers = {name.lower(): value for name, value in response.headers.items()}
    return {"status": response.status, "headers": headers, "text": response.read().decode()}


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)
