// What the API answers about how it goes; the type comes from its contract.
import type { AnswerOf } from "@/shared/api/operations";

export type Overview = AnswerOf<"get", "/admin/overview">;
