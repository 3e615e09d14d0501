// What may be asked of the API, and what it answers: read off the types that `npm run contract` makes from
// `/openapi.json`. Nothing about a route is written by hand.
import type { components, paths } from "@/generated/openapi";

export type Method = "get" | "post" | "put" | "patch" | "delete";

/** The addresses that know *M*. */
export type PathOf<M extends Method> = {
  [P in keyof paths]: paths[P][M] extends object ? P : never;
}[keyof paths];

type Operation<M extends Method, P extends PathOf<M>> = NonNullable<paths[P][M]>;

type ParametersOf<O, Place extends string> = O extends { parameters: Record<Place, infer Found> }
  ? NonNullable<Found>
  : O extends { parameters: Partial<Record<Place, infer Found>> }
    ? NonNullable<Found>
    : never;

type Asked<Place extends string, Found> = [Found] extends [never]
  ? Partial<Record<Place, undefined>>
  : Partial<Record<string, never>> extends Found
    ? Partial<Record<Place, Found | undefined>>
    : Record<Place, Found>;

/** What is undefined in a query is not sent. */
type Loose<Query> = { [Name in keyof Query]: Query[Name] | undefined };

type BodyOf<O> = O extends { requestBody: { content: { "application/json": infer Body } } } ? Body : never;

type Content<A> = A extends { content: { "application/json": infer Body } } ? Body : undefined;

type Succeeded = 200 | 201 | 202 | 204;

/** The places of an address, its query and its body, as the route declares them. */
export type InputOf<M extends Method, P extends PathOf<M>> = Asked<
  "path",
  ParametersOf<Operation<M, P>, "path">
> &
  Asked<"query", Loose<ParametersOf<Operation<M, P>, "query">>> &
  Asked<"body", BodyOf<Operation<M, P>>>;

/** What the route answers where all went well; undefined for 204. */
export type AnswerOf<M extends Method, P extends PathOf<M>> =
  Operation<M, P> extends { responses: infer Responses }
    ? Content<Responses[Extract<keyof Responses, Succeeded>]>
    : never;

/** One item of a list that the route answers. */
export type ItemOf<P extends PathOf<"get">> =
  AnswerOf<"get", P> extends { items: (infer Item)[] } ? Item : never;

export type Schemas = components["schemas"];
