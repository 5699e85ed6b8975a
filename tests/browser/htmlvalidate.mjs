/* What html-validate checks: everything that it recommends, but for what is said here. */

export default {
  root: true,
  extends: ["html-validate:recommended"],
  rules: {
    "valid-id": ["error", { relaxed: true }], // HTML allows every id without spaces; chunks are named by cases
    "form-dup-name": ["error", { shared: ["checkbox", "radio", "button", "submit", "reset"] }], // a group of choices
    "prefer-native-element": ["error", { exclude: ["region"] }], // a named scrolling box is no section of the text
    "attribute-boolean-style": "off", // a browser writes a boolean attribute with an empty value
    "attribute-empty-style": "off", // the same
    "wcag/h32": "off", // the filter has nothing to submit: it follows what is typed
    "long-title": "off", // advice for search engines
  },
};
