import { crc32 } from "node:zlib";

/** A header's value: text, as AWS sends it, or one of the other types, to see that they are passed over. */
export type HeaderValue = string | boolean | number | Uint8Array;

/** One message of AWS's binary event stream (https://smithy.io/2.0/aws/amazon-eventstream.html). */
export function encodeMessage(
  headers: Readonly<Record<string, HeaderValue>>,
  payload: string | Uint8Array,
): Buffer {
  const head = Buffer.concat(Object.entries(headers).map(([name, value]) => encodeHeader(name, value)));
  const body = Buffer.from(payload);
  const prelude = Buffer.alloc(12);
  prelude.writeUInt32BE(12 + head.length + body.length + 4, 0);
  prelude.writeUInt32BE(head.length, 4);
  prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8);
  const message = Buffer.concat([prelude, head, body]);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(message), 0);
  return Buffer.concat([message, checksum]);
}

/** The message that says a recording's line: `{"messageStop": {...}}`, or `{"throttlingException": {...}}`. */
export function encodeRecordedEvent(line: string): Buffer {
  const [[name, payload] = ["", {}]] = Object.entries(JSON.parse(line) as Record<string, unknown>);
  const isException = name.endsWith("Exception");
  return encodeMessage(
    {
      [isException ? ":exception-type" : ":event-type"]: name,
      ":content-type": "application/json",
      ":message-type": isException ? "exception" : "event",
    },
    JSON.stringify(payload),
  );
}

function encodeHeader(name: string, value: HeaderValue): Buffer {
  const named = Buffer.from(name);
  return Buffer.concat([Buffer.from([named.length]), named, encodeValue(value)]);
}

function encodeValue(value: HeaderValue): Buffer {
  if (typeof value === "boolean") return Buffer.from([value ? 0 : 1]);
  if (typeof value === "number") {
    const integer = Buffer.alloc(5);
    integer.writeUInt8(4, 0);
    integer.writeInt32BE(value, 1);
    return integer;
  }
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(3);
  length.writeUInt8(typeof value === "string" ? 7 : 6, 0);
  length.writeUInt16BE(bytes.length, 1);
  return Buffer.concat([length, bytes]);
}
