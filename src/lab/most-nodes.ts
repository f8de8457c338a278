/** How many nodes a lab can be asked for. */
export const MOST_LAB_NODES = 10;
