//! What the templates of other programs look like, so that whoever brings one along reads what a suite has instead.
//! It must not know where in a file they stand.

use super::allowed::is_readable;

/// The words with which statements of Helm begin.
const STATEMENTS: [&str; 8] = ["range", "if", "else", "end", "with", "define", "block", "template"];

/// What stands for statements.
const NO_STATEMENTS: &str = "this looks like a template of Helm or Jinja; a suite has no statements: use `matrix`, `forEach`, `when`";

/// What stands for values.
const NO_VALUES: &str = "this looks like a template of Helm or Jinja; a suite has variables of its own: declare one under `vars:`, write \
     `${{ vars.NAME }}`, and give it a value by `--set NAME=VALUE`";

/// What to write instead of a line that begins as one of a template; none if it does not.
pub(crate) fn of_line(line: &str) -> Option<&'static str> {
    let line = line.trim_start();
    if line.starts_with("{%") || line.starts_with("{#") {
        return Some(NO_STATEMENTS);
    }
    let rest = line.strip_prefix("{{")?;
    let inner = rest.find("}}").map_or(rest, |end| &rest[..end]);
    Some(of_braces(inner).unwrap_or(NO_VALUES))
}

/// What to write instead of what stands between `{{` and `}}`; none if it is an expression, which lacks its `$` alone.
pub(crate) fn of_braces(inner: &str) -> Option<&'static str> {
    let inner = inner.trim().trim_start_matches('-').trim_end_matches('-').trim();
    let first = inner.split_whitespace().next().unwrap_or_default();
    if STATEMENTS.contains(&first) {
        return Some(NO_STATEMENTS);
    }
    (!is_readable(inner)).then_some(NO_VALUES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_told_from_expressions() {
        for line in
            ["{% for x in y %}", "  {%- endif %}", "{# why #}", "{{- range .Values.x }}", "  {{ end }}", "{{ if x }}", "{{- else -}}"]
        {
            assert_eq!(of_line(line), Some(NO_STATEMENTS), "{line}");
        }
        for line in ["{{- include \"a\" . | nindent 2 }}", "{{ toYaml .Values.x", "{{ vars.x }}"] {
            assert_eq!(of_line(line), Some(NO_VALUES), "{line}");
        }
        for line in ["", "- id: t", "a: {{ x }}", "${{ x }}", "{ a: b }", "# {% x %}"] {
            assert_eq!(of_line(line), None, "{line}");
        }
        for inner in [" .Values.from | default \"pods\" ", " x | quote ", " include \"a\" . ", " $x ", " f(x) "] {
            assert_eq!(of_braces(inner), Some(NO_VALUES), "{inner}");
        }
        for inner in [" vars.x ", "matrix.a", " vars.x | default('a') ", "- vars.x -"] {
            assert_eq!(of_braces(inner), None, "{inner}");
        }
    }
}
