// One of the page's forms, as often as the visitor begins it anew; what it is called tells its ids from those
// of the others.
import type { ComponentType, ReactElement } from "react";
import { useMemo, useState } from "react";

import type { Utm } from "@/shared/api/types";
import { FormScopeContext } from "@/shared/ui/formScope";

export interface OneFormProps {
  utm: Utm;
  onAgain: () => void;
}

interface Props {
  name: string;
  isShown: boolean;
  utm: Utm;
  form: ComponentType<OneFormProps>;
}

export function OneForm({ name, isShown, utm, form: Form }: Props): ReactElement {
  const [round, setRound] = useState(0);
  const scope = useMemo(() => ({ name, isShown }), [name, isShown]);
  return (
    <FormScopeContext value={scope}>
      <Form
        key={round}
        utm={utm}
        onAgain={() => {
          setRound(round + 1);
        }}
      />
    </FormScopeContext>
  );
}
