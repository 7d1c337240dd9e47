import { importPKCS8, SignJWT } from "jose";
import type { Authentication } from "../../model/provider.ts";
import type { SignersWay } from "../../model/snapshot.ts";
import { writtenReach } from "../guard/guard.ts";
import { AccessTokenSigner } from "./access-tokens.ts";
import { type GoogleCredential, readGoogleCredential } from "./google-credential.ts";
import type { SigningContext, SigningScheme } from "./signing-scheme.ts";
import { type AccessToken, noProof, requestToken } from "./token-request.ts";

type GoogleAuthentication = Extract<Authentication, { scheme: "google" }>;

const SCOPE = "https://www.googleapis.com/auth/cloud-platform";
const LIFETIME_SECONDS = 3600;
const SETTING = "credentials.service_account";
/** The machine's own, by its name: its address is link-local and the same in all of Google's cloud. */
const METADATA_URL =
  "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token";

/** Access tokens of Google Cloud (https://developers.google.com/identity/protocols/oauth2/service-account). */
export const google: SigningScheme<GoogleAuthentication> = Object.freeze({
  fields: Object.freeze({
    service_account: {
      description:
        "JSON of a Google service account, or `metadata` for that of the machine in Google's cloud",
      variables: ["GOOGLE_SERVICE_ACCOUNT_JSON"],
      fileVariables: ["GOOGLE_APPLICATION_CREDENTIALS"],
      fault: (text: string) => {
        const read = readGoogleCredential(text);
        return typeof read === "string" ? read : undefined;
      },
      isOfMachine: (text: string) => kindOf(text)?.kind === "metadata",
      addressIn: (text: string) => {
        const read = kindOf(text);
        return read === undefined || read.kind === "metadata" ? undefined : read.tokenUrl;
      },
    },
  }),
  ways: [{ needs: ["service_account"] }],
  options: [],
  open: (context: SigningContext<GoogleAuthentication>) =>
    new AccessTokenSigner((send) => fetchToken(context, () => Date.now(), send)),
});

function kindOf(text: string): GoogleCredential | undefined {
  const read = readGoogleCredential(text);
  return typeof read === "string" ? undefined : read;
}

/** A token for the credential. Exported for the tests, which set the clock. */
export async function fetchToken(
  context: Pick<SigningContext, "provider" | "credentials" | "allowedOrigins" | "proxy">,
  nowMs: () => number,
  send: SignersWay,
): Promise<AccessToken> {
  const credential = readGoogleCredential(context.credentials["service_account"] ?? "");
  const { provider, allowedOrigins, proxy } = context;
  // The configuration's rules have refused this already.
  if (typeof credential === "string") throw new Error(`the credential of ${provider} ${credential}`);
  const common = { provider, setting: SETTING };
  const way = (url: string) => ({
    url,
    reach: writtenReach(url, allowedOrigins),
    ...(proxy !== undefined && { proxy }),
  });
  switch (credential.kind) {
    case "metadata":
      return requestToken(
        { ...common, url: METADATA_URL, reach: "anywhere", headers: { "metadata-flavor": "Google" } },
        send,
      );
    case "authorized-user": {
      const { clientId, clientSecret, refreshToken, tokenUrl } = credential;
      const client = { client_id: clientId, client_secret: clientSecret };
      const form = { grant_type: "refresh_token", refresh_token: refreshToken, ...client };
      return requestToken({ ...common, ...way(tokenUrl), form }, send);
    }
    case "service-account": {
      const assertion = await assertionOf(credential, nowMs()).catch((cause: unknown) => {
        throw noProof(
          { ...common, kind: "access token", url: credential.tokenUrl },
          "its private key is none that can sign",
          cause,
        );
      });
      const form = { grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion };
      return requestToken({ ...common, ...way(credential.tokenUrl), form }, send);
    }
  }
}

/** What the service account says of itself, signed by it (RFC 7523). */
async function assertionOf(
  { email, privateKey, keyId, tokenUrl }: Extract<GoogleCredential, { kind: "service-account" }>,
  nowMs: number,
): Promise<string> {
  const issuedAt = Math.floor(nowMs / 1000);
  const key = await importPKCS8(privateKey, "RS256");
  return new SignJWT({ scope: SCOPE })
    .setProtectedHeader({ alg: "RS256", typ: "JWT", ...(keyId !== undefined && { kid: keyId }) })
    .setIssuer(email)
    .setAudience(tokenUrl)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + LIFETIME_SECONDS)
    .sign(key);
}
