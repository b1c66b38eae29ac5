//! Cleaning the URL of a page: what tells where the user was stays, what may tell who it was goes.

use std::borrow::Cow;

use crate::{cut, limits};

/// Removes user-info, query and fragment from a URL or path, and cuts it to the field limit.
///
/// ```
/// let page = "https://ann:secret@shop.example/cart?token=1#top";
/// assert_eq!(beaconry_protocol::clean_page(page), "https://shop.example/cart");
/// assert_eq!(beaconry_protocol::clean_page("//ann:secret@shop.example/"), "//shop.example/");
/// assert_eq!(beaconry_protocol::clean_page("/flow?step=2"), "/flow");
/// ```
pub fn clean_page(url: &str) -> Cow<'_, str> {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let url = &url[..end];
    match user_info(url) {
        None => cut(url, limits::FIELD_BYTES),
        Some((start, end)) => {
            let bare = [&url[..start], &url[end..]].concat();
            Cow::Owned(cut(&bare, limits::FIELD_BYTES).into_owned())
        }
    }
}

/// Where `user:password@` stands in an absolute URL.
fn user_info(url: &str) -> Option<(usize, usize)> {
    let start = if url.starts_with("//") { 2 } else { url.find("://")? + 3 };
    let host_end = url[start..].find('/').map_or(url.len(), |slash| start + slash);
    let at = url[start..host_end].rfind('@')?;
    Some((start, start + at + 1))
}
