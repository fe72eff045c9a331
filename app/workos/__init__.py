"""What the gateway knows of WorkOS, and how it asks.

`gateway.py` is the port, in our words (`records.py`); `client.py` is WorkOS itself behind it and the only file that
imports the SDK. Nothing outside this room sees an SDK type, an SDK exception or a WorkOS error text.

It promises: an answer is either a checked record or a Problem of `errors.py`, within the time limit, with WorkOS's
request id; the API key goes to the configured host only; one slow kind of call never holds up another (`lanes.py`).
Directories are read no faster than WorkOS allows (`pace.py`). A webhook's event is read by the same shapes as an answer
(`events.py`: what happened, `payloads.py`): what gives access must be whole, what takes it away needs ids only.

The decision: the SDK builds the requests, we read the answers. The SDK (10.8) turns a broken list into an empty page
and a redirect into `None` (threats.md section 0), so its typed methods and its retries are not used. Refused: trusting
its models in the request path, and following redirects.
"""
