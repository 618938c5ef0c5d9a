//! `help`: the help of a command, or a topic that is about several commands.

/// The topics by their names, as they are in the manual too. `cargo regenerate` makes their texts from the documents.
pub const TOPICS: [(&str, &str); 6] = [
    ("exit-codes", include_str!("help/exit-codes.txt")),
    ("handles", include_str!("help/handles.txt")),
    ("never-twice", include_str!("help/never-twice.txt")),
    ("output", include_str!("help/output.txt")),
    ("settings", include_str!("help/settings.txt")),
    ("waiting", include_str!("help/waiting.txt")),
];

/// The text of a topic.
pub fn topic(words: &[String]) -> Option<&'static str> {
    let [word] = words else { return None };
    TOPICS.iter().find(|(name, _)| name == word).map(|(_, text)| *text)
}
