import tseslint from "typescript-eslint";

const noAmbientEffects = [
  { object: "Date", property: "now", message: "Take a Clock (lib/clock.ts)." },
  { object: "Math", property: "random", message: "Take a Random (lib/random.ts)." },
  { object: "process", property: "env", message: "Only main.ts reads the environment." },
  { object: "process", property: "argv", message: "Only main.ts reads the command line." },
  { object: "process", property: "exit", message: "Only main.ts exits." },
];

export default tseslint.config(
  { ignores: ["dist/", "node_modules/", "coverage/"] },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { noInlineConfig: true },
    rules: {
      complexity: ["error", 12],
      "max-lines": ["error", 400],
      "max-lines-per-function": ["error", { max: 70, skipComments: true }],
      "max-params": ["error", 3],
      "no-console": "error",
      "no-restricted-properties": ["error", ...noAmbientEffects],
      "no-restricted-globals": ["error", "setTimeout", "setInterval", "setImmediate"],
      "no-restricted-syntax": [
        "error",
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: "Take a Clock (lib/clock.ts)." },
        { selector: "CallExpression[callee.name='randomUUID']", message: "Take a Random (lib/random.ts)." },
      ],
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/no-empty-object-type": ["error", { allowInterfaces: "with-single-extends" }],
      "@typescript-eslint/prefer-promise-reject-errors": "off",
      "@typescript-eslint/unbound-method": "off",
      "@typescript-eslint/consistent-type-imports": "error",
    },
  },
  {
    files: ["lib/**/*.ts", "**/main.ts", "bench/**", "scripts/**", "**/*.integration.test.ts"],
    rules: { "no-restricted-properties": "off", "no-restricted-globals": "off", "no-restricted-syntax": "off" },
  },
  {
    files: ["**/main.ts", "bench/**", "testing/simulate*.ts", "scripts/**"],
    rules: { "no-console": "off" },
  },
  {
    files: ["e2e/**", "**/*.integration.test.ts", "testing/fake-clock.ts"],
    rules: { "no-restricted-globals": "off" },
  },
  {
    // mocha's describe blocks hold whole suites, and chai's assertions are expressions.
    files: ["**/*.test.ts", "testing/**", "e2e/**"],
    rules: {
      "max-lines-per-function": "off",
      "no-console": "off",
      "no-restricted-properties": ["error", ...noAmbientEffects.filter(({ object }) => object !== "process")],
      "@typescript-eslint/no-unused-expressions": "off",
    },
  },
);
