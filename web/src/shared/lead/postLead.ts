// Sending the quote form: POST /leads with the key that belongs to this body.
import type { Api } from "@/shared/api/client";
import { isRecord } from "@/shared/api/client";
import type { LeadAnswer, LeadBody } from "@/shared/api/types";

function isLeadAnswer(value: unknown): value is LeadAnswer {
  return isRecord(value) && typeof value["id"] === "string" && value["id"] !== "";
}

export function postLead(
  api: Api,
  body: LeadBody,
  key: string,
  token: string,
  signal: AbortSignal,
): Promise<LeadAnswer> {
  return api.call("/leads", {
    method: "POST",
    body: { ...body, turnstileToken: token },
    headers: { "Idempotency-Key": key },
    signal,
    accepts: isLeadAnswer,
  });
}
