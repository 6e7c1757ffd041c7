/** Why a disk took nothing more, in words; undefined for any other error. */
export function diskTrouble(error: unknown): string | undefined {
  switch ((error as NodeJS.ErrnoException | undefined)?.code) {
    case 'ENOSPC':
      return 'the disk is full'
    case 'EDQUOT':
      return 'the disk quota is used up'
    case 'EROFS':
      return 'the disk is read-only'
    case 'EIO':
      return 'the disk failed'
    case 'EMFILE':
    case 'ENFILE':
      return 'too many files are open'
    default:
      return undefined
  }
}
