// A form's submitter as a hook: begins with what an earlier page left unfinished, ends with the component.
import { useEffect, useState, useSyncExternalStore } from "react";

import type { Machine } from "./submission.ts";
import type { Submitter, SubmitterParts } from "./submitter.ts";
import { createSubmitter } from "./submitter.ts";

/** The *parts* of the first render stay in use. */
export function useSubmission(parts: SubmitterParts): { machine: Machine; submitter: Submitter } {
  const [submitter] = useState(() => createSubmitter(parts));
  const machine = useSyncExternalStore(submitter.subscribe, submitter.snapshot);
  useEffect(() => submitter.start(), [submitter]);
  return { machine, submitter };
}
