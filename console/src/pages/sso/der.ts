/** DER, as far as a certificate needs it (ITU-T X.690): values one after another, each with its tag. */
export interface Value {
  tag: number;
  body: Uint8Array;
}

export const SEQUENCE = 0x30;
export const OID = 0x06;

/** Returns the values that stand in `bytes`; throws RangeError where they are no DER. */
export function values(bytes: Uint8Array): Value[] {
  const found: Value[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = byte(bytes, at);
    const { length, start } = lengthAt(bytes, at + 1);
    at = start + length;
    if (at > bytes.length) throw new RangeError("a value is longer than what it stands in");
    found.push({ tag, body: bytes.subarray(start, at) });
  }
  return found;
}

/** Returns the values inside the one at `index`; throws RangeError where there is none. */
export function inside(found: readonly Value[], index: number): Value[] {
  return values(valueAt(found, index).body);
}

/** Returns the value at `index`; throws RangeError where there is none. */
export function valueAt(found: readonly Value[], index: number): Value {
  const value = found[index];
  if (!value) throw new RangeError("a value is missing");
  return value;
}

/** Returns an object identifier as hexadecimal digits, which tell it as well as its dots do. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (one) => one.toString(16).padStart(2, "0")).join("");
}

function byte(bytes: Uint8Array, at: number): number {
  const found = bytes[at];
  if (found === undefined) throw new RangeError("it ends too early");
  return found;
}

function lengthAt(bytes: Uint8Array, at: number): { length: number; start: number } {
  const first = byte(bytes, at);
  if (first < 0x80) return { length: first, start: at + 1 };
  const size = first & 0x7f;
  if (size === 0 || size > 4) throw new RangeError("a length is not definite");
  let length = 0;
  for (let index = 1; index <= size; index++) length = length * 256 + byte(bytes, at + index);
  return { length, start: at + 1 + size };
}
