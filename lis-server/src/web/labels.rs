//! The list of what is wrong with a form calls every field by its label. The list stands above the form and is made
//! before it, so the labels are put in when the page is whole: those that a person reads or is read beside the field. A
//! field that has none is only linked.

/// Where the label of a field belongs, as `pieces/problems.html` leaves it: the field, what stands behind a label, the end.
const MARK: &str = "<!--label ";
const MARK_END: &str = "-->";
const BEHIND: &str = "<!--/label-->";

/// The page with the labels in its list.
pub fn put_in(html: String) -> String {
    if !html.contains(MARK) {
        return html;
    }
    let mut whole = String::with_capacity(html.len());
    let mut rest = html.as_str();
    while let Some(mark) = next_mark(rest) {
        whole.push_str(mark.before);
        if let Some(label) = label_of(&html, mark.field) {
            whole.push_str(label);
            whole.push_str(mark.behind_label);
        }
        rest = mark.after;
    }
    whole.push_str(rest);
    whole
}

struct Mark<'a> {
    before: &'a str,
    field: &'a str,
    behind_label: &'a str,
    after: &'a str,
}

fn next_mark(html: &str) -> Option<Mark<'_>> {
    let (before, mark) = html.split_once(MARK)?;
    let (field, mark) = mark.split_once(MARK_END)?;
    let (behind_label, after) = mark.split_once(BEHIND)?;
    Some(Mark { before, field, behind_label, after })
}

/// The label of a field, escaped as it stands in the page: of its `label`, its buttons, its line of a checklist, or of the
/// element that has its id.
fn label_of<'a>(html: &'a str, field: &str) -> Option<&'a str> {
    let places =
        [format!(" for=\"f-{field}\">"), format!(" id=\"f-{field}-label\">"), format!(" id=\"f-{field}-question\">")];
    let said = places.iter().find_map(|place| text_of(html.split_once(place)?.1));
    said.or_else(|| own_name(html, &format!(" id=\"f-{field}\"")))
}

/// What the element of an id is called: by its `aria-label`, or by the legend that it begins with.
fn own_name<'a>(html: &'a str, id: &str) -> Option<&'a str> {
    let at = html.find(id)?;
    let begin = html[..at].rfind('<')?;
    let (tag, inside) = html[begin..].split_once('>')?;
    let name = tag.split_once(" aria-label=\"").and_then(|(_, name)| name.split('"').next());
    name.filter(|name| !name.is_empty()).or_else(|| text_of(inside.trim_start().strip_prefix("<legend>")?))
}

fn text_of(html: &str) -> Option<&str> {
    html.split('<').next().map(str::trim).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page whose list holds one problem of a field, above what stands for the field.
    fn listed(field: &str, form: &str) -> String {
        let list = format!("<li><!--label {field}-->: <!--/label-->This field is required.</li>");
        put_in(format!("{list}{form}")).strip_suffix(form).expect("the form is as it was").to_owned()
    }

    #[test]
    fn the_label_of_a_field_stands_before_what_is_wrong() {
        let deliverer = "<label for=\"f-deliverer\">Deliverer<span class=\"need\">*</span></label>";
        assert_eq!(listed("deliverer", deliverer), "<li>Deliverer: This field is required.</li>");
        let note = "<label class=\"visually-hidden\" for=\"f-note\">\n  Note &#38; reason</label>";
        assert_eq!(listed("note", note), "<li>Note &#38; reason: This field is required.</li>");
        let buttons = "<fieldset><legend id=\"f-decision-label\">Decision</legend>";
        assert_eq!(listed("decision", buttons), "<li>Decision: This field is required.</li>");
        let line = "<span id=\"f-check_seal-question\">The seal is whole</span>";
        assert_eq!(listed("check_seal", line), "<li>The seal is whole: This field is required.</li>");
        let boxes = "<fieldset class=\"field whole\" id=\"f-roles\"><legend>Roles<span>*</span></legend>";
        assert_eq!(listed("roles", boxes), "<li>Roles: This field is required.</li>");
        let cell = "<input class=\"input\" id=\"f-v.1.reading\" name=\"v.1.reading\" aria-label=\"F26-1 reading\">";
        assert_eq!(listed("v.1.reading", cell), "<li>F26-1 reading: This field is required.</li>");
    }

    #[test]
    fn a_field_without_a_label_is_listed_without() {
        let bare = "<tr id=\"f-part-7\"><td>F26-1</td></tr><label for=\"f-part-70\">Part</label>";
        assert_eq!(listed("part-7", bare), "<li>This field is required.</li>");
        assert_eq!(put_in("<p>no list</p>".to_owned()), "<p>no list</p>");
    }

    #[test]
    fn each_line_of_a_list_has_the_label_of_its_own_field() {
        let page = "<li><!--label a-->：<!--/label-->必填</li><li><!--label b-->：<!--/label-->必填</li>\
                    <label for=\"f-b\">乙</label><label for=\"f-a\">甲</label>";
        assert!(put_in(page.to_owned()).starts_with("<li>甲：必填</li><li>乙：必填</li>"));
    }
}
