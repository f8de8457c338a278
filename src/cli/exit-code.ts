/** Exit codes that mean the same in every command. */
export const EXIT_OK = 0;
/** The answer is no: denied, or something differs. */
export const EXIT_NO = 1;
/** No answer: the input or the command line is wrong. */
export const EXIT_BAD_INPUT = 2;
/** The part that needs the kernel cannot run here. */
export const EXIT_NO_KERNEL = 3;
