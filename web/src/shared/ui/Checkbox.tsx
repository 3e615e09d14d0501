import type { ReactElement, ReactNode } from "react";

interface CheckboxProps {
  id?: string | undefined;
  checked: boolean;
  onChange: (checked: boolean) => void;
  onBlur?: () => void;
  children: ReactNode;
  required?: boolean;
  testId?: string | undefined;
  "aria-describedby"?: string | undefined;
  "aria-invalid"?: boolean | undefined;
}

/** A checkbox inside its label, so that the whole line can be tapped. */
export function Checkbox({ checked, onChange, children, testId, ...rest }: CheckboxProps): ReactElement {
  return (
    <label className="checkbox">
      <input
        {...rest}
        type="checkbox"
        data-testid={testId}
        checked={checked}
        onChange={(event) => {
          onChange(event.target.checked);
        }}
      />
      <span className="checkbox__text">{children}</span>
    </label>
  );
}
