"""The WorkOS twin: a stand-alone program that speaks WorkOS's wire, so that nothing needs an account to be tried.

It promises that the official SDK cannot tell it from the real service on the routes it has, that the same seed gives
the same ids and codes, and that every hit can be read back. What WorkOS would never do on purpose (resets, half pages,
one byte a second) it does on demand, through a control API on a port of its own.

It is a program beside the product, not a part of it: it imports nothing of `app`, and `app` imports nothing of it.
State lives in memory and comes from one YAML file, because a twin that remembers is a second thing to clean up.
Credentials here are made up, codes can be predicted and the control API has no lock: never give it a public address.
"""
