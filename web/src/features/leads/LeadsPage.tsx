// Leads: the list at the section's address, one of them below it.
import type { ReactElement } from "react";
import { Route, Switch } from "wouter";

import { LeadList } from "./LeadList.tsx";
import { LeadPage } from "./LeadPage.tsx";
import "./leads.css";

export default function LeadsPage(): ReactElement {
  return (
    <Switch>
      <Route path="/admin/leads/:id">{({ id }) => <LeadPage key={id} id={id} />}</Route>
      <Route>
        <LeadList />
      </Route>
    </Switch>
  );
}
