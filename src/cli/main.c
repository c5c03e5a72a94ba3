/* main.c - the program. What it can do is listed in dispatch.c, a file cmd_*.c for each command. */
#include "cli/command.h"

int main(int argc, char **argv)
{
    return gy_cli_run((size_t)(argc > 0 ? argc - 1 : 0), argv + (argc > 0 ? 1 : 0));
}
