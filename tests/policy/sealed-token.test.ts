import { expect, test } from "bun:test";
import fc from "fast-check";
import { isGenuine, openToken, sealToken, type TokenClaims } from "../../src/policy/identity/sealed-token.ts";

const claims: TokenClaims = {
  id: "tok_1",
  key: "key_1",
  user: "ada",
  policy: { models: ["demo/*"] },
  issued: 1,
  expires: 2,
};
const sealingKey = Buffer.alloc(32, 1);
const digest = "d".repeat(64);
const token = sealToken(claims, sealingKey, digest);

function isTaken(text: string, key = sealingKey, secretDigest = digest): boolean {
  const opened = openToken(text);
  return opened !== undefined && isGenuine(opened, key, secretDigest);
}

test("a sealed token is taken, and says what it said", () => {
  expect(isTaken(token)).toBe(true);
  expect(openToken(token)?.claims).toEqual(claims);
});

test("with another key, or for another secret, it is not genuine", () => {
  expect(isTaken(token, Buffer.alloc(32, 2))).toBe(false);
  expect(isTaken(token, sealingKey, "e".repeat(64))).toBe(false);
});

test("no other text is taken in its stead: changed, cut, lengthened anywhere", () => {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ é";
  const edit = fc.record({
    at: fc.nat(token.length),
    removed: fc.nat(3),
    added: fc.string({ unit: fc.constantFrom(...letters), maxLength: 3 }),
  });
  fc.assert(
    fc.property(edit, ({ at, removed, added }) => {
      const other = token.slice(0, at) + added + token.slice(at + removed);
      expect(isTaken(other)).toBe(other === token);
    }),
    { numRuns: 3_000 },
  );
});

test("claims of another form are no token", () => {
  for (const odd of [null, 1, [], {}, { ...claims, expires: "2" }, { ...claims, policy: undefined }]) {
    const text = Buffer.from(JSON.stringify(odd)).toString("base64url");
    expect(openToken(`ght_${text}.${"A".repeat(43)}`)).toBeUndefined();
  }
});
