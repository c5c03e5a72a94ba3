/* main.c - the program. What it can do is listed in dispatch.c, a file cmd_*.c for each command. */
#include "cli/command.h"

int main(int argc, char **argv)
{
    size_t own = argc > 0 ? 1 : 0; /* the program's name */
    return gy_cli_run((size_t)argc - own, (const char *const *)argv + own);
}
