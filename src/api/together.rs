//! Polls that are under way at the same time.

use futures_util::{StreamExt, stream};

/// How many requests of one poll are under way at once.
const AT_ONCE: usize = 8;

/// What the polls give, in their order.
pub(crate) async fn together<T>(polls: impl IntoIterator<Item = impl Future<Output = T>>) -> Vec<T> {
    stream::iter(polls).buffered(AT_ONCE).collect().await
}
