//! Single values as the service spells them: numbers and booleans may be texts, and a text may be a number.

use jiff::Timestamp;

/// A text of at least one character, or a number as it is written.
pub(crate) fn word(json: &str) -> serde_json::Result<Option<String>> {
    Ok(match json.as_bytes().first() {
        Some(b'"') => Some(serde_json::from_str::<String>(json)?).filter(|text| !text.trim().is_empty()),
        Some(b'-' | b'0'..=b'9') => Some(json.to_owned()),
        _ => None,
    })
}

/// A text; of any other value that is not empty, its JSON.
pub(crate) fn text(json: &str) -> serde_json::Result<Option<String>> {
    match json {
        "null" | "{}" | "[]" => Ok(None),
        _ => Ok(word(json)?.or_else(|| (!json.starts_with('"')).then(|| json.to_owned()))),
    }
}

/// A whole number. It may be a text, and have a fraction of zero.
pub(crate) fn number(json: &str) -> serde_json::Result<Option<u64>> {
    /// Up to here a floating-point number is exact.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let exact = |text: &str| {
        let number = text.parse::<f64>().ok()?;
        if (0.0..=EXACT).contains(&number) && number.fract() == 0.0 {
            format!("{number:.0}").parse().ok()
        } else {
            None
        }
    };
    Ok(word(json)?.and_then(|text| text.trim().parse().ok().or_else(|| exact(text.trim()))))
}

/// A boolean, which may be a text.
pub(crate) fn boolean(json: &str) -> serde_json::Result<Option<bool>> {
    let text = if json.starts_with('"') { word(json)?.unwrap_or_default() } else { json.to_owned() };
    Ok(match text.trim().to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    })
}

/// A time as the service writes it; none when the text is no time.
pub(crate) fn time(text: Option<&str>) -> Option<Timestamp> {
    text?.parse().ok()
}
