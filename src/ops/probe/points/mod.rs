//! The table of points: what the wire contract leaves open or only guesses, and what an observation says about it. It is
//! the core of the probe; the requests are made for its sake.

mod lags;
mod log;
mod monitor;
mod others;
mod starts;
mod stops;

use crate::ops::probe::point::Point;

/// Every point, in the order of the report.
pub(crate) fn all() -> impl Iterator<Item = &'static Point> {
    [starts::POINTS, lags::POINTS, monitor::POINTS, log::POINTS, stops::POINTS, others::POINTS].into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_point_has_a_key_of_its_own_and_a_section() {
        let keys: Vec<&str> = all().map(|point| point.key).collect();
        assert_eq!(keys.iter().collect::<HashSet<_>>().len(), keys.len());
        for point in all() {
            assert!(point.section.starts_with(|first: char| first.is_ascii_digit()), "{}", point.key);
            assert!(
                point.key.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'.' | b'_' | b'0'..=b'9'))
            );
        }
    }
}
