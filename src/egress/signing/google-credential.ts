import { isJsonObject, type JsonObject } from "../../model/json.ts";

/** What Google's credential says, by its kind. */
export type GoogleCredential =
  | {
      readonly kind: "service-account";
      readonly email: string;
      readonly privateKey: string;
      readonly keyId: string | undefined;
      readonly tokenUrl: string;
    }
  /** Of a person, as `gcloud auth application-default login` leaves it. */
  | {
      readonly kind: "authorized-user";
      readonly clientId: string;
      readonly clientSecret: string;
      readonly refreshToken: string;
      readonly tokenUrl: string;
    }
  /** Of the machine in Google's cloud that this runs on, which its metadata server knows. */
  | { readonly kind: "metadata" };

/** The word for the credential of the machine. */
const METADATA = "metadata";
const TOKEN_URL = "https://oauth2.googleapis.com/token";

/**
 * Reads a credential: the JSON of a service account or of application default credentials
 * (https://cloud.google.com/docs/authentication/application-default-credentials), or `metadata`. A text says what is
 * wrong, and quotes nothing.
 */
export function readGoogleCredential(text: string): GoogleCredential | string {
  if (text.trim() === METADATA) return { kind: "metadata" };
  const json = parse(text);
  if (json === undefined) return "must be the JSON of a service account, or `metadata`";
  switch (json["type"]) {
    case "service_account":
      return serviceAccount(json);
    case "authorized_user":
      return authorizedUser(json);
    default:
      return "must be of the type `service_account` or `authorized_user`";
  }
}

function serviceAccount(json: JsonObject): GoogleCredential | string {
  const email = json["client_email"];
  const privateKey = json["private_key"];
  const keyId = json["private_key_id"];
  if (typeof email !== "string" || typeof privateKey !== "string" || !privateKey.includes("PRIVATE KEY"))
    return "must hold `client_email` and `private_key`";
  const tokenUrl = tokenUrlOf(json);
  if (tokenUrl === undefined) return BAD_TOKEN_URL;
  return {
    kind: "service-account",
    email,
    privateKey,
    keyId: typeof keyId === "string" ? keyId : undefined,
    tokenUrl,
  };
}

function authorizedUser(json: JsonObject): GoogleCredential | string {
  const { client_id: clientId, client_secret: clientSecret, refresh_token: refreshToken } = json;
  if (typeof clientId !== "string" || typeof clientSecret !== "string" || typeof refreshToken !== "string")
    return "must hold `client_id`, `client_secret` and `refresh_token`";
  const tokenUrl = tokenUrlOf(json);
  if (tokenUrl === undefined) return BAD_TOKEN_URL;
  return { kind: "authorized-user", clientId, clientSecret, refreshToken, tokenUrl };
}

const BAD_TOKEN_URL = "must have an https address as its `token_uri`";

/** A proof travels there, so only encrypted, or not beyond this machine. */
function tokenUrlOf(json: JsonObject): string | undefined {
  const written = json["token_uri"] ?? TOKEN_URL;
  if (typeof written !== "string" || !URL.canParse(written)) return undefined;
  const { protocol, hostname } = new URL(written);
  const isHere = hostname === "127.0.0.1" || hostname === "localhost" || hostname === "[::1]";
  return protocol === "https:" || (protocol === "http:" && isHere) ? written : undefined;
}

function parse(text: string): JsonObject | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return isJsonObject(json) ? json : undefined;
  } catch {
    return undefined;
  }
}
