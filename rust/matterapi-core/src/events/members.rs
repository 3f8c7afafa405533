//! Reads some members of a JSON object and passes over the others.

use crate::json::{Fault, Number, Scanner, Scratch, Token};

/// Reads the object that comes next: `read` is given the key of each member, and has to read its value. Of members
/// that come twice, the later ones come later.
pub(super) fn each_member<'a>(
    scanner: &mut Scanner<'a>,
    mut read: impl FnMut(&str, &mut Scanner<'a>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    while_members(scanner, |key, scanner| read(key, scanner).map(|()| true)).map(drop)
}

/// The same for as long as `read` wants more. Whether it had enough; the scanner is then where `read` left it.
pub(super) fn while_members<'a>(
    scanner: &mut Scanner<'a>,
    mut read: impl FnMut(&str, &mut Scanner<'a>) -> Result<bool, Fault>,
) -> Result<bool, Fault> {
    // Used for keys with escapes only, which the server does not write.
    let mut scratch = Scratch::default();
    expect(scanner, Token::Object)?;
    let mut more = scanner.open(b'}')?;
    while more {
        let key = scanner.key(&mut scratch)?;
        if !read(key, scanner)? {
            return Ok(true);
        }
        more = scanner.more(b'}')?;
    }
    Ok(false)
}

/// Goes on to the value of the first member `wanted` of the object that comes next; whether it has one.
pub(super) fn find(scanner: &mut Scanner<'_>, wanted: &str) -> Result<bool, Fault> {
    while_members(scanner, |key, scanner| match key == wanted {
        true => Ok(false),
        false => scanner.pass().map(|()| true),
    })
}

/// Reads a string that is expected to have no escapes; null counts as empty.
pub(super) fn text(scanner: &mut Scanner<'_>, into: &mut String) -> Result<(), Fault> {
    into.clear();
    if is_null(scanner)? {
        return Ok(());
    }
    expect(scanner, Token::String)?;
    into.push_str(scanner.string(&mut Scratch::default())?);
    Ok(())
}

/// Reads an integer of 64 bits; null counts as 0.
pub(super) fn number(scanner: &mut Scanner<'_>, into: &mut i64) -> Result<(), Fault> {
    *into = 0;
    if is_null(scanner)? {
        return Ok(());
    }
    expect(scanner, Token::Number)?;
    match scanner.number()? {
        Number::Int(value) => {
            *into = value;
            Ok(())
        }
        _ => scanner.fault(),
    }
}

/// Reads null, if it comes next.
pub(super) fn is_null(scanner: &mut Scanner<'_>) -> Result<bool, Fault> {
    let found = scanner.peek()? == Token::Null;
    if found {
        scanner.word(Token::Null)?;
    }
    Ok(found)
}

/// What comes next has to be this.
pub(super) fn expect(scanner: &mut Scanner<'_>, token: Token) -> Result<(), Fault> {
    if scanner.peek()? == token { Ok(()) } else { scanner.fault() }
}
