import type { ButtonHTMLAttributes, ReactElement } from "react";

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: "primary" | "quiet";
}

/** A button that submits nothing unless told to. */
export function Button({
  kind = "quiet",
  type = "button",
  className = "",
  ...rest
}: ButtonProps): ReactElement {
  return <button {...rest} type={type} className={`button button--${kind} ${className}`.trim()} />;
}
