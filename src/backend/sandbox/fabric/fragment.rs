//! Cutting an IPv4 packet into pieces that fit (RFC 791 3.2). It must not know why it has to.

use super::checksum::Sum;

/// In the field of flags and offset: more pieces follow.
const MORE: u16 = 0x2000;
/// In the same field: the offset, in eights of bytes.
const OFFSET: u16 = 0x1fff;

/// Calls `each` with every piece in turn, none of them larger than `most` bytes. Returns false, without a piece, if no piece can
/// be that small. The packet is a whole IPv4 packet as it was sent, which may be a piece itself.
pub(super) fn split(packet: &[u8], most: usize, mut each: impl FnMut(&[u8])) -> bool {
    let header = packet.first().map_or(0, |byte| usize::from(byte & 15) * 4);
    let Some((first, body)) = packet.split_at_checked(header).filter(|_| header >= 20) else { return false };
    // The first header is the longest one.
    let eights = most.saturating_sub(header) / 8;
    if eights == 0 {
        return false;
    }
    let later = later_header(first);
    let field = u16::from_be_bytes([first[6], first[7]]);
    let last = body.len().div_ceil(eights * 8).saturating_sub(1);
    for (number, part) in body.chunks(eights * 8).enumerate() {
        let offset = (field & OFFSET).saturating_add(u16::try_from(number * eights).unwrap_or(OFFSET));
        let more = if number < last { MORE } else { field & MORE };
        let header = if number == 0 { first } else { &later };
        each(&piece(header, part, offset.min(OFFSET) | more));
    }
    true
}

/// The header of all pieces but the first: only options that ask for it are copied (RFC 791 3.1).
fn later_header(first: &[u8]) -> Vec<u8> {
    let (fixed, mut options) = first.split_at(20);
    let mut header = fixed.to_vec();
    while let [kind, rest @ ..] = options {
        let length = match (*kind, rest) {
            // The end of the list, or no room for a length.
            (0, _) | (_, []) => break,
            // Padding.
            (1, _) => 1,
            (_, [length, ..]) => usize::from(*length).max(2),
        };
        let Some((option, behind)) = options.split_at_checked(length) else { break };
        if kind & 0x80 != 0 {
            header.extend_from_slice(option);
        }
        options = behind;
    }
    header.resize(header.len().next_multiple_of(4), 0);
    header
}

/// A header and a part of the body, with lengths, flags and checksum made right.
fn piece(header: &[u8], part: &[u8], field: u16) -> Vec<u8> {
    let mut piece = [header, part].concat();
    let length = u16::try_from(piece.len()).unwrap_or(u16::MAX);
    piece[0] = 0x40 | u8::try_from(header.len() / 4).unwrap_or(15);
    piece[2..4].copy_from_slice(&length.to_be_bytes());
    piece[6..8].copy_from_slice(&field.to_be_bytes());
    piece[10..12].fill(0);
    let checksum = Sum::default().add(&piece[..header.len()]).finish();
    piece[10..12].copy_from_slice(&checksum);
    piece
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A packet with that many bytes of body, these options, and this field of flags and offset.
    fn packet(options: &[u8], body: usize, field: u16) -> Vec<u8> {
        let mut header = vec![0x45, 0, 0, 0, 0xab, 0xcd, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
        header.extend_from_slice(options);
        let body: Vec<u8> = (0..body).map(|index| u8::try_from(index % 251).unwrap()).collect();
        piece(&header, &body, field)
    }

    /// Offset in bytes, whether more follow, length of the header, and the body of each piece.
    fn split_up(packet: &[u8], most: usize) -> Vec<(usize, bool, usize, Vec<u8>)> {
        let mut pieces = Vec::new();
        let possible = split(packet, most, |piece| {
            assert!(piece.len() <= most);
            let header = usize::from(piece[0] & 15) * 4;
            assert_eq!(Sum::default().add(&piece[..header]).finish(), [0, 0], "checksum");
            assert_eq!(usize::from(u16::from_be_bytes([piece[2], piece[3]])), piece.len());
            let field = u16::from_be_bytes([piece[6], piece[7]]);
            pieces.push((usize::from(field & OFFSET) * 8, field & MORE != 0, header, piece[header..].to_vec()));
        });
        assert!(possible);
        pieces
    }

    #[test]
    fn pieces_put_together_are_the_whole() {
        let whole = packet(&[], 3_000, 0);
        let pieces = split_up(&whole, 1_450);
        assert_eq!(pieces.iter().map(|piece| (piece.0, piece.1)).collect::<Vec<_>>(), [(0, true), (1_424, true), (2_848, false)]);
        assert_eq!(pieces.into_iter().flat_map(|piece| piece.3).collect::<Vec<_>>(), whole[20..]);
    }

    #[test]
    fn a_piece_is_cut_into_pieces_of_the_same_whole() {
        let pieces = split_up(&packet(&[], 1_424, MORE + 178), 1_000);
        assert_eq!(pieces.iter().map(|piece| (piece.0, piece.1)).collect::<Vec<_>>(), [(1_424, true), (2_400, true)]);
    }

    #[test]
    fn only_options_that_ask_for_it_are_in_every_piece() {
        // Record route is not copied; router alert is.
        let options = [7, 7, 4, 0, 0, 0, 0, 1, 0x94, 4, 0, 0];
        let pieces = split_up(&packet(&options, 100, 0), 72);
        assert_eq!(pieces.iter().map(|piece| piece.2).collect::<Vec<_>>(), [32, 24, 24]);
    }

    #[test]
    fn what_cannot_be_small_enough_is_not_cut() {
        for (most, possible) in [(0, false), (27, false), (28, true)] {
            assert_eq!(split(&packet(&[], 100, 0), most, |_| ()), possible, "{most}");
        }
        for broken in [&[][..], &[0x45], &[0x41; 40], &[0x4f; 40]] {
            assert!(!split(broken, 1_000, |_| panic!("a piece of nothing")));
        }
    }
}
