// Lint rules of the pages: typescript-eslint strict, accessibility, hooks, and the direction in which folders
// may import each other.
import js from "@eslint/js";
import jsxA11y from "eslint-plugin-jsx-a11y";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

const noDeepClimbing = {
  group: ["../*"],
  message: "Across folders import by '@/…', so that the direction can be checked.",
};
const noApp = { group: ["@/app/*"], message: "Only the app knows the app." };
const noFeatures = {
  group: ["@/features/*"],
  message: "Features don't import each other, and shared/ knows none of them.",
};

export default tseslint.config(
  { ignores: ["dist", "node_modules", "src/generated"] },
  js.configs.recommended,
  {
    files: ["**/*.{ts,tsx}"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { project: ["./tsconfig.test.json"], tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      // Numbers are the one thing that reads better inside a template than converted by hand.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // Dictionaries read from the outside are asked by name in brackets (noPropertyAccessFromIndexSignature
      // in spirit).
      "@typescript-eslint/dot-notation": "off",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
    },
  },
  { files: ["src/**/*.tsx"], ...jsxA11y.flatConfigs.strict },
  {
    files: ["src/**/*.tsx"],
    rules: {
      // A region that scrolls must be reachable by keyboard (axe: scrollable-region-focusable).
      "jsx-a11y/no-noninteractive-tabindex": ["error", { roles: ["tabpanel", "region"], tags: [] }],
    },
  },
  { files: ["src/**/*.{ts,tsx}"], ...reactHooks.configs.flat["recommended-latest"] },
  {
    files: ["src/features/**", "src/shared/**"],
    rules: { "no-restricted-imports": ["error", { patterns: [noDeepClimbing, noApp, noFeatures] }] },
  },
);
