//! Wildcards in the paths of tasks.

use crate::job::path::name_of;

/// Whether a path matches: `*` and `?` stay within a part, `**` goes across parts. A pattern without a slash or a wildcard is
/// part of a name. Case does not matter.
pub(crate) fn matches(pattern: &str, path: &str) -> bool {
    let (pattern, path) = (pattern.to_lowercase(), path.to_lowercase());
    if !pattern.contains(['/', '*', '?']) {
        return name_of(&path).contains(&pattern);
    }
    let subject = if pattern.contains('/') || pattern == "**" { &path[..] } else { name_of(&path) };
    glob(&pattern.chars().collect::<Vec<_>>(), &subject.chars().collect::<Vec<_>>())
}

/// Matches with one pass over a row of booleans, so that no pattern takes exponential time.
fn glob(pattern: &[char], subject: &[char]) -> bool {
    let mut reach = vec![false; subject.len() + 1];
    reach[0] = true;
    let mut index = 0;
    while index < pattern.len() {
        let across = pattern[index..].starts_with(&['*', '*']);
        if pattern[index] == '*' {
            for place in 0..subject.len() {
                if reach[place] && (across || subject[place] != '/') {
                    reach[place + 1] = true;
                }
            }
            index += if across { 2 } else { 1 };
            continue;
        }
        for place in (0..subject.len()).rev() {
            let fits = subject[place] == pattern[index] || (pattern[index] == '?' && subject[place] != '/');
            reach[place + 1] = reach[place] && fits;
        }
        reach[0] = false;
        index += 1;
    }
    reach[subject.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stay_within_a_part_unless_doubled() {
        for (pattern, path) in [
            ("Sales/Nightly/*", "Sales/Nightly/Load customers"),
            ("sales/**", "Sales/Nightly/Load customers"),
            ("**", "Default/x"),
            ("*load*", "Sales/Nightly/Load customers"),
            ("load", "Sales/Nightly/Load customers"),
            ("Sales/Nightly/Load?customers", "Sales/Nightly/Load customers"),
            ("**/x", "a/b/x"),
        ] {
            assert!(matches(pattern, path), "{pattern} {path}");
        }
        for (pattern, path) in [
            ("Sales/*", "Sales/Nightly/Load customers"),
            ("Sales/Nightly/*", "Sales/Nightly/Deep/x"),
            ("Sales?Nightly/x", "Sales/Nightly/x"),
            ("sales", "Sales/Nightly/x"),
            ("s*/x", "Sales/Nightly/x"),
        ] {
            assert!(!matches(pattern, path), "{pattern} {path}");
        }
        assert!(
            ["Default/x", "Sales/Nightly/Load customers"].iter().all(|path| matches("", path)),
            "an empty pattern is part of any name"
        );
        let slow = "*a".repeat(60);
        assert!(!matches(&format!("x/{slow}b"), &format!("x/{}", "a".repeat(200))));
    }
}
