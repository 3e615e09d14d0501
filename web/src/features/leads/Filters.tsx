// What the list of leads shows: kept in the address, so that it can be reloaded, shared and gone back from.
import type { ReactElement } from "react";
import { useState } from "react";
import { useSearchParams } from "wouter";

import { useDebouncedCallback } from "@/shared/hooks/useDebouncedCallback";
import { useMessages } from "@/shared/i18n/i18n";
import { LEAD_WORDS, SOURCES, STATUSES } from "@/shared/lead/statuses";
import { Field } from "@/shared/ui/Field";

import { MESSAGES } from "./messages.ts";
import { useStaff } from "./useStaff.ts";

const SEARCH_AFTER_MS = 500;
const NAMES = ["search", "status", "source", "assignedTo"] as const;

export type Filter = (typeof NAMES)[number];
export type Filters = Record<Filter, string>;

/** The filters in the address, and the way to set some of them; an empty one is none. */
export function useFilters(): [Filters, (change: Partial<Filters>, replace?: boolean) => void] {
  const [address, setAddress] = useSearchParams();
  const filters = Object.fromEntries(NAMES.map((name) => [name, address.get(name) ?? ""])) as Filters;
  const change = (some: Partial<Filters>, replace = false): void => {
    setAddress(
      Object.entries({ ...filters, ...some }).filter(([, value]) => value !== ""),
      { replace },
    );
  };
  return [filters, change];
}

function Search({ value, search }: { value: string; search: (text: string) => void }): ReactElement {
  const t = useMessages(MESSAGES);
  const [text, setText] = useState(value);
  const [searched, setSearched] = useState(value);
  const later = useDebouncedCallback(search, SEARCH_AFTER_MS);
  if (value !== searched) {
    // The address has changed: by this field, or by Back, which is to be followed.
    setSearched(value);
    if (value !== text.trim()) setText(value);
  }
  return (
    <Field name="search" label={t("search")} hint={t("search.hint")}>
      {(control) => (
        <input
          {...control}
          className="control"
          type="search"
          data-testid="lead-search"
          autoComplete="off"
          value={text}
          aria-busy={later.pending}
          onChange={(event) => {
            setText(event.target.value);
            later.call(event.target.value.trim());
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter") later.flush();
          }}
        />
      )}
    </Field>
  );
}

interface ChoiceProps {
  name: Filter;
  label: string;
  all: string;
  options: readonly (readonly [value: string, label: string])[];
}

export function FilterBar(): ReactElement {
  const t = useMessages(MESSAGES);
  const word = useMessages(LEAD_WORDS);
  const { members } = useStaff();
  const [filters, change] = useFilters();
  const choices: ChoiceProps[] = [
    {
      name: "status",
      label: t("status"),
      all: t("status.all"),
      options: STATUSES.map((one) => [one, word(one)] as const),
    },
    {
      name: "source",
      label: t("source"),
      all: t("source.all"),
      options: SOURCES.map((one) => [one, word(one)] as const),
    },
    {
      name: "assignedTo",
      label: t("assignedTo"),
      all: t("assignedTo.all"),
      options: members.map(({ id, name }) => [id, name] as const),
    },
  ];
  return (
    <form
      className="leads-filters"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
      }}
    >
      <Search
        value={filters.search}
        search={(search) => {
          change({ search }, true);
        }}
      />
      {choices.map(({ name, label, all, options }) => (
        <Field key={name} name={name} label={label}>
          {(control) => (
            <select
              {...control}
              className="control"
              value={filters[name]}
              onChange={(event) => {
                change({ [name]: event.target.value });
              }}
            >
              <option value="">{all}</option>
              {options.map(([value, text]) => (
                <option key={value} value={value}>
                  {text}
                </option>
              ))}
            </select>
          )}
        </Field>
      ))}
    </form>
  );
}
